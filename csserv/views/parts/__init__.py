"""Parts of views: HTML widgets, cards, colours, key figures, tables of series, scripts."""
