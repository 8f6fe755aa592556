"""Areas and questions saved under names, and used again."""
