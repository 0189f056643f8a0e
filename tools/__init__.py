"""What keeps the repository true to itself: run by ``make refresh``, held by tests."""
