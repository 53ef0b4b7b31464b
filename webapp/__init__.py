"""Chat rooms and live values, rendered on the server.

In: settings of the environment, and the list of features. Out: a Starlette app, and the command that serves it.

    app.py           builds the app from its settings
    features.py      the list of features
    routes.py        all routes of the app
    settings.py      the environment as one object
    environment.py   reads one variable of the environment
    db.py            the models in the database, and their migrations
    cli.py           python -m webapp serve | migrate | new
    server.py        uvicorn as this app configures it
    log_lines.py     keeps each log message on one line
    live/            the engine, a library
    chat/  board/  room_values/   the features
    web/             the parts that all pages share
    protocols/       uvicorn's protocols with bounds on one client
    scaffold/        python -m webapp new: writes a feature
    migrations/      Tortoise's migrations
"""
