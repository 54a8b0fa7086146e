# Three images. `app` runs api, ingest, control, monitor and the simulator (docker-compose.yml names the command); `broker` is Mosquitto as
# configured here; `secrets` makes what the others are to keep secret.
FROM node:24-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --no-audit --no-fund
COPY . .
RUN npx nest build --all

FROM node:24-trixie-slim AS packages
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24-trixie-slim AS app
ENV NODE_ENV=production
WORKDIR /app
# Whoever runs it may write here and nowhere else: the volumes, shared with the broker and of the simulator.
RUN mkdir -p /var/lib/felinar/broker /var/lib/felinar/simulator && chmod 1777 /var/lib/felinar/*
COPY --from=packages /src/node_modules node_modules
COPY --from=build /src/dist dist
COPY package.json ./
COPY scripts/healthcheck.mjs scripts/
USER node
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "scripts/healthcheck.mjs"]
CMD ["node", "--enable-source-maps", "dist/apps/api/src/main.js"]

FROM eclipse-mosquitto:2.0.22 AS broker
COPY deploy/mosquitto/mosquitto.conf deploy/mosquitto/acl /mosquitto/config/
COPY --chmod=755 deploy/mosquitto/entrypoint.sh /entrypoint.sh
RUN mkdir -p /mosquitto/run /mosquitto/data /var/lib/felinar/broker \
  && chmod 1777 /mosquitto/run /mosquitto/data /var/lib/felinar/broker && chmod 644 /mosquitto/config/*
USER 1000:1000
ENTRYPOINT ["/entrypoint.sh"]
CMD []

FROM node:24-trixie-slim AS secrets
RUN apt-get update && apt-get install --yes --no-install-recommends openssl && rm -rf /var/lib/apt/lists/*
WORKDIR /felinar
COPY scripts/secrets.mjs ./
ENTRYPOINT ["node", "secrets.mjs"]
