"""Files other than NetCDF, in the words of the netCDF library: so all of them are read alike."""
