"""How the shipped model was made. Needs the ``ultralytics`` extra; nothing at run time imports it."""
