"""Evidence that is looked at and copied: masked copies, links that run out, the register of who saw what, the trace of one file."""
