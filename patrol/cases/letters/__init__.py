"""Supervision letters (督办函): drafted by the clock, reviewed and issued by a person, kept in a register."""
