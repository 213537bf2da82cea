"""How the shipped object model is made. Never imported at run time; needs the ``ultralytics`` extra (torch).

``python -m detectors.training --footage DIR --out DIR`` in an environment with that extra, on a processor:
``pip install --constraint requirements/ultralytics.txt torch torchvision 'video-patrol[ultralytics]'``.
"""

KEPT: tuple[str, ...] = ("person", "bicycle", "car", "motorcycle", "bus", "truck", "boat")
"""COCO classes that a detector asks for."""
NAMES: tuple[str, ...] = (*KEPT, "rod")
"""The classes of the shipped model, in the order of its output."""
