"""Tests of what NetCDF files say of themselves."""
