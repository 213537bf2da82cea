"""The commands, one module each group; ``patrol/cli.py`` registers them."""
