"""File formats of results: exports of maps, and series as CSV, Excel workbook or NetCDF."""
