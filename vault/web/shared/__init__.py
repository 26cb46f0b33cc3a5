"""What every interface needs: headers, decoding, sealed sessions, wording, rendering, errors.

Imports no storage and nothing of either side: what a side keeps is passed in.
"""
