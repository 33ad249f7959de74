"""What a mask can earn on photographs; see __main__.py."""
