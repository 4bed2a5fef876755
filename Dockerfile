# The image of Yule itself, for tests and first steps; a project's own image adds its files (see `yule init`).
#   docker buildx build --build-arg BASE_IMAGE=python:3.11-slim --tag REPOSITORY:TAG .
# Neural members (`models: standard`) need torch, which for Linux comes with gigabytes for graphics cards. For a small
# image take it from an index of builds for processors alone, or from a base image that has it:
#   --build-arg EXTRAS=kubernetes,s3,gcs,neural --build-arg PIP_EXTRA_INDEX_URL=...
ARG BASE_IMAGE=python:3.11-slim
FROM ${BASE_IMAGE}
ARG EXTRAS=kubernetes,s3,gcs,bigquery,postgres
ARG PIP_EXTRA_INDEX_URL

# LightGBM brings no OpenMP of its own.
RUN ldconfig -p | grep -q libgomp.so.1 \
    || (apt-get update -qq && apt-get install -y -qq --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*)

# The libraries have a layer of their own, which stays the same as long as these files do: an empty package, made in a
# folder apart, asks for them.
WORKDIR /app
COPY pyproject.toml constraints.txt ./
RUN mkdir -p libraries/src/yule && cp pyproject.toml libraries && touch libraries/README.md libraries/src/yule/__init__.py \
    && pip install --no-cache-dir --constraint constraints.txt "./libraries[${EXTRAS}]" \
    && pip uninstall --yes yule && rm -r libraries

COPY README.md ./
COPY src ./src
RUN pip install --no-cache-dir --no-deps --no-build-isolation . && rm -rf build

USER 10001:10001
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ENTRYPOINT []
CMD ["yule", "--help"]
