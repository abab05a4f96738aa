# The leafspan worker. Debian and not Alpine: Temporal's native core is built for glibc alone.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY tsconfig.json tsconfig.build.json ./
COPY bin bin
COPY src src
RUN npx tsc -p tsconfig.build.json

FROM node:22-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Temporal's core comes built for five platforms; this image runs on one.
RUN npm ci --omit=dev && \
    find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +

FROM node:22-bookworm-slim
ENV NODE_ENV=production HOME=/tmp XDG_CACHE_HOME=/cache LEAFSPAN_STATE_DIR=/state MALLOC_ARENA_MAX=2
WORKDIR /app
RUN install -d -o node -g node -m 0700 /state && install -d -o node -g node /cache
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY bin bin
COPY package.json LICENSE ./
USER node
ENTRYPOINT ["node", "--max-semi-space-size=4", "bin/leafspan-worker.js"]
