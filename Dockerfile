# docker build -t haiku-rooms . && docker run -p 8000:8000 -v haiku-rooms:/srv/data haiku-rooms
FROM python:3.11-slim AS build
WORKDIR /build
RUN python -m venv /venv
COPY requirements.txt pyproject.toml hatch_build.py LICENSE ./
COPY browser browser
COPY static static
COPY templates templates
COPY themes themes
COPY webapp webapp
# The build of the app itself fetches the browser libraries. It brings an npm of its own for that.
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.11-slim
RUN useradd --system --uid 10001 app && install -d -o app -g app -m 700 /srv/data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT=8000
USER app
# Without DATABASE_URL and SECRET_KEY, both are kept in data/ below this folder.
WORKDIR /srv
VOLUME /srv/data
EXPOSE 8000
# Swarm and other orchestrators replace a container that fails this, and that mends no database, so it is not /readyz. The
# worker listens on no port: run it with --no-healthcheck.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/livez')"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "webapp", "serve"]
