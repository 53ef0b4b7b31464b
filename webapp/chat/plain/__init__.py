"""A room for browsers without scripts, live.

In: the form in one frame of the page. Out: the talk in another one, a response that never ends.

    pages.py       the page, and its frames
    talk.py        what of a frame of the engine is written into the talk
    places.py      bounds how many talks a process writes
    contexts.py    contexts of the templates in templates/chat/plain/
"""
