"""What a witness does: tell, return, instruct."""
