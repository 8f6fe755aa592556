"""Tasks under random kills: nothing acknowledged is lost, and nothing ends twice."""
