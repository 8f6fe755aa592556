"""Writing files of a dataset anew, so that series are quick to read."""
