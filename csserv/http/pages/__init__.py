"""What browsers ask beside the API: login, doors of pages, news of tasks, outlines."""
