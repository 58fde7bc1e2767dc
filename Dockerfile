# Everything that is needed to build, thrown away afterwards.
FROM node:24-slim AS build
WORKDIR /app
COPY . .
RUN npm ci
RUN npm run build
# Only the server's own dependencies remain; no script runs, there is nothing left to prepare.
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund

# What runs. Nothing is written outside /data, so the root file system may be mounted read-only.
FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production SALLYPORT_HOST=0.0.0.0 SALLYPORT_DATA_DIR=/data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/verifier ./verifier
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/views ./views
COPY --from=build /app/assets ./assets
COPY --from=build /app/lists ./lists
COPY --from=build /app/dist ./dist
RUN mkdir -m 700 /data && chown 10001:10001 /data
USER 10001:10001
VOLUME /data
EXPOSE 8414
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD ["node", "dist/cli/main.js", "health"]
CMD ["node", "dist/main.js"]
