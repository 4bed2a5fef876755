# The image of Yule itself, for tests and first steps; a project's own image adds its files (see `yule init`).
#   docker buildx build --build-arg BASE_IMAGE=python:3.11-slim --tag REPOSITORY:TAG .
ARG BASE_IMAGE=python:3.11-slim
FROM ${BASE_IMAGE}

# The libraries come first: they change less often than the code.
WORKDIR /app
COPY pyproject.toml constraints.txt README.md ./
COPY src ./src
RUN pip install --no-cache-dir --constraint constraints.txt '.[kubernetes,s3,gcs]'

USER 10001:10001
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ENTRYPOINT []
CMD ["yule", "--help"]
