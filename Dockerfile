# Tasuki on Node 24: the server runs its TypeScript as it is, so there is nothing to build but the dependencies.
FROM node:24 AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The npm package `node` pins the runtime on machines that have another; here the image is the runtime, so its 120 MB go again.
RUN npm ci --omit=dev && rm -rf node_modules/node node_modules/.bin/node

FROM node:24
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8080 \
    DATA_DIR=/data
WORKDIR /app
RUN install -d -o node -g node -m 700 /data
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY src ./src
COPY fhir-profiles ./fhir-profiles
COPY terminology ./terminology
USER node
VOLUME /data
EXPOSE 8080
# Ready means: it serves, which it does only with the schema up to date, and the database answers.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=16", "--heap-growing-percent=30", "src/main.ts", "start"]
