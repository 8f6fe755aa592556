"""Views of tasks: table, card, progress bars, buttons; and the watcher that updates them."""
