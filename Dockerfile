# One image for everything of compose.yaml that is Python: flows, Prefect's server and MLflow's.
#   docker build -t needs-based-segmentation .
FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/segment
ENV PATH=/opt/segment/bin:$PATH
WORKDIR /build
# The lock file is complete: nothing is resolved, and every file is checked by its hash.
COPY requirements.lock ./
RUN pip install --quiet --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml setup.py README.md ./
COPY src ./src
COPY pipelines ./pipelines
COPY configs ./configs
RUN pip install --quiet --no-deps --no-build-isolation .

FROM python:3.12-slim-bookworm
# What LightGBM computes with.
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/segment /opt/segment
# Nobody in particular, who can write to three places: the studies, the home of tools, and /tmp.
RUN groupadd --gid 10001 segment \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/segment segment \
 && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/segment /studies /artifacts /books
ENV PATH=/opt/segment/bin:$PATH HOME=/var/lib/segment PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DO_NOT_TRACK=true MLFLOW_DISABLE_TELEMETRY=true PREFECT_SERVER_ANALYTICS_ENABLED=false \
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
USER 10001:10001
WORKDIR /studies
ENTRYPOINT []
CMD ["segment", "--help"]
