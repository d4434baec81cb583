"""Who is evaluated: the queue, placements, the league, and what starts them."""
