"""Results as pages without scripts, at ``/r/TASK``."""
