"""Figures over days (统计): coverage, incidents, false alarms, response, departments, spot-checks.

Days that are over are counted once and kept (``rolls``); today is counted live. docs/figures.md defines every number.
"""
