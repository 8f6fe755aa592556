"""GRIB: turned into NetCDF once, in a process of its own, as eccodes and netCDF4 abort together."""
