# The leafspan worker, from what `npm pack` makes. Debian and not Alpine: Temporal's native core is built for glibc only.
FROM node:22-bookworm-slim AS build
WORKDIR /source
COPY . .
RUN npm ci --include=dev && mkdir /packed && npm pack --pack-destination /packed

FROM node:22-bookworm-slim AS app
WORKDIR /app
COPY package-lock.json .npmrc ./
COPY --from=build /packed /packed
# The package brings no lockfile. Temporal's core comes built for five platforms; this image runs on one.
RUN tar -xzf /packed/*.tgz --strip-components=1 && \
    npm ci --omit=dev && \
    find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +

FROM node:22-bookworm-slim
ENV NODE_ENV=production HOME=/tmp XDG_CACHE_HOME=/cache LEAFSPAN_STATE_DIR=/state
ENV MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=131072
WORKDIR /app
RUN install -d -o node -g node -m 0700 /state && install -d -o node -g node /cache
COPY --from=app /app .
USER node
ENTRYPOINT ["node", "--max-semi-space-size=4", "--heap-growing-percent=50", "--require", "./bin/workflow-thread.cjs", "bin/leafspan-worker.js"]
