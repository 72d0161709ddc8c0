# The operator's image: Node, its libraries and the program; no shell, not root.
#
#   docker build -t livechannel/operator .                           # needs nothing but this checkout
#   make images                                                      # the same, from a bundle made outside (BUNDLE=context)
#
# Behind a proxy that inspects TLS: --secret id=extra-ca,src=/path/to/ca-bundle.pem
ARG BUNDLE=build

# The program and the Node that runs it, made here from the sources...
FROM node:24.21.0-bookworm-slim AS bundle-build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=extra-ca \
    if [ -s /run/secrets/extra-ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/extra-ca; fi; npm ci --no-progress
COPY . .
RUN node hack/build.ts && mv dist /dist && cp node_modules/node-linux-*/bin/node /node
FROM bundle-build AS node-build

# ... or taken from the checkout, where `npm ci` and `make build` have put them.
FROM scratch AS bundle-context
COPY dist /dist
FROM scratch AS node-context
COPY node_modules/node-linux-*/bin/node /node

FROM node-${BUNDLE} AS node
FROM bundle-${BUNDLE} AS bundle

# Node's root file system. Depends on no source file, so that a change of the program rebuilds only the last layer.
FROM debian:bookworm-slim AS runtime-build
RUN apt-get update && apt-get install -y --no-install-recommends binutils ca-certificates libstdc++6 tini
COPY --from=node /node /usr/local/bin/node
COPY hack/images/closure.sh /build/
COPY hack/images/rootfs /out
RUN strip /usr/local/bin/node \
 && /build/closure.sh /out /usr/bin/tini /usr/local/bin/node /etc/ssl/certs/ca-certificates.crt \
      /lib/*-linux-gnu/libnss_dns.so.2 /lib/*-linux-gnu/libnss_files.so.2 /lib/*-linux-gnu/libresolv.so.2 \
 && mkdir -p /out/app /out/tmp /out/run && chmod 1777 /out/tmp

FROM scratch AS runtime
COPY --from=runtime-build /out /
WORKDIR /app
# Where OpenSSL looks for certificates; Debian's link to them is not in the image.
ENV NODE_ENV=production SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 65532:65532
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/node", "/app/livechannel.mjs"]

FROM runtime AS operator
LABEL org.opencontainers.image.title="livechannel operator" org.opencontainers.image.licenses="Apache-2.0"
COPY --from=bundle /dist/*.mjs /app/
COPY --from=bundle /dist/api-docs /app/api-docs
COPY --from=bundle /dist/pages /app/pages
CMD ["operator"]
