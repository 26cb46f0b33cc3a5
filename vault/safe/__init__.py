"""The one place where files that people send are parsed: in processes that can do nothing else.

`process.SafeProcess` is what the houses use. It never looks into a file; it starts children that
cage themselves (`cage`) before they look (`child`). One child reads: it tells what a file betrays,
or hands over bare pixels. Another, which never sees the file, makes a picture or a paper of the
pixels (`writer`): so what comes out holds nothing that was hidden in what went in.
"""
