"""What every interface needs: headers, decoding, sealed sessions, leaving."""
