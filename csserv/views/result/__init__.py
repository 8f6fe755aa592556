"""Views of a result: chart, map, downloads, provenance; and plots for notebooks."""
