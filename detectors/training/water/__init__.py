"""Teach the frozen backbone of the object model to say where water is: one number per cell of 16 input pixels, from features that the
network computes anyway. Nothing at run time imports this; ``python -m detectors.training.water --help`` says what it does.
"""
