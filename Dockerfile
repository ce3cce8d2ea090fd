# Two stages: the first builds a virtual environment from the lock, the second only carries it.
FROM python:3.13.3-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/guetteur
COPY requirements.lock ./
RUN /opt/guetteur/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement requirements.lock
COPY pyproject.toml hatch_build.py README.md LICENSE NOTICE ./
COPY bot ./bot
COPY config ./config
COPY watchlists ./watchlists
# The list of names is compiled into the program; its source need not travel.
RUN /opt/guetteur/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
  && /opt/guetteur/bin/pip uninstall --yes rigour

FROM python:3.13.3-slim-bookworm
# The number stands in compose.yaml too: files in mounted folders belong to it.
RUN groupadd --gid 10001 guetteur && useradd --uid 10001 --gid guetteur --no-create-home --home-dir /app guetteur
COPY --from=build /opt/guetteur /opt/guetteur
WORKDIR /app
COPY config ./config
COPY watchlists ./watchlists
RUN mkdir var && chown -R guetteur:guetteur var config watchlists
ENV PATH=/opt/guetteur/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER guetteur
VOLUME /app/var
# The daemon ends within 10 seconds of SIGTERM, docker's own patience.
STOPSIGNAL SIGTERM
# Unhealthy is what no wait will mend: polling or delivery is stuck. Telegram or a network that is out is not.
HEALTHCHECK --interval=2m --timeout=20s --start-period=1m --retries=3 CMD ["guetteur", "status", "--health"]
ENTRYPOINT ["guetteur"]
CMD ["run"]
