"""How each index is computed: series in, series and receipt out."""
