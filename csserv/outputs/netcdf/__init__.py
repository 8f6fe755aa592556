"""What NetCDF files of series and of maps say, by the CF conventions."""
