# syntax=docker/dockerfile:1
# Three stages: the console is built with Node, the packages are installed with pip, the image keeps neither.

FROM node:20-bookworm-slim AS console
WORKDIR /src/console
COPY console/package.json console/package-lock.json console/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY console/ ./
COPY docs/openapi.json /src/docs/openapi.json
RUN npm run build

FROM python:3.11-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/patrol
COPY requirements/lock.txt /tmp/lock.txt
RUN /opt/patrol/bin/pip install --require-hashes -r /tmp/lock.txt
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY patrol/ patrol/
COPY detectors/ detectors/
COPY api/ api/
COPY --from=console /src/api/static/ api/static/
RUN /opt/patrol/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
# libgl1 and libglib2.0-0: opencv-python is linked against them; mosquitto: the better embedded broker; tini: reaps workers.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 mosquitto tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 patrol \
    && install -d -o patrol -g patrol /data
COPY --from=packages /opt/patrol /opt/patrol
COPY --chown=patrol:patrol camera_registry.yaml /etc/patrol/camera_registry.yaml
ENV PATH=/opt/patrol/bin:$PATH PYTHONUNBUFFERED=1 PATROL_REGISTRY=/etc/patrol/camera_registry.yaml PATROL_DATA=/data PATROL_LISTEN=0.0.0.0:8800
USER patrol
VOLUME /data
EXPOSE 8800
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8800/healthz', timeout=4)"]
# The first start prints a one-time link for the first admin: docker logs shows it. Put https in front of it.
ENTRYPOINT ["tini", "--", "patrol"]
CMD ["run"]
