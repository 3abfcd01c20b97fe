# The binary alone, static, run as nobody in particular:
#
#   docker build --tag eastwest .
#   docker run --rm --volume "$PWD:/project:ro" eastwest check
#
# With the tools that the pipelines of examples/pipelines use beside it (bash, git, jq, curl, kubectl):
#
#   docker build --target pipeline --tag eastwest-pipeline .
ARG RUST=1.90
ARG KUBECTL=1.34.1

FROM rancher/kubectl:v${KUBECTL} AS kubectl

FROM rust:${RUST}-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /source
COPY . .
RUN cargo install --locked --profile dist --path . --root /installed

FROM debian:13-slim AS pipeline
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl git jq \
    && rm -rf /var/lib/apt/lists/*
COPY --from=kubectl /bin/kubectl /usr/local/bin/kubectl
COPY --from=build /installed/bin/eastwest /usr/local/bin/eastwest

FROM scratch
LABEL org.opencontainers.image.title="eastwest" \
      org.opencontainers.image.description="A compiler from a compact language of network flows to verified Calico policy" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /installed/bin/eastwest /eastwest
USER 65534:65534
WORKDIR /project
ENTRYPOINT ["/eastwest"]
