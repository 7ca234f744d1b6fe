# The assay command with all it needs: docker build -t assay .
#
# Without a verb it serves, and wants tokens for that (or is told that it needs none: assay serve --host 0.0.0.0 --no-auth):
#   docker run -p 127.0.0.1:8080:8080 -v "$PWD/tokens:/run/secrets/assay/tokens:ro" assay
# It needs no privilege: docker run --rm assay doctor
# As Docker starts it, cells are walled in by Landlock and filters (tier "unprivileged"). Namespaces on top of that need
#   docker run --rm --security-opt seccomp=unconfined --security-opt apparmor=unconfined assay doctor
# since Docker's default profiles refuse them. assay puts a stricter system-call filter of its own on every candidate.
# docs/sandbox.md says what the tiers differ in ("Tiers"), what each flag is for and how to open less ("Containers").

# Node 22: the floor is 20, which is no longer maintained. Bookworm: verdicts are tested with its Python 3.11.
FROM node:22-bookworm-slim AS build
WORKDIR /build
# What isolated-vm is built with where there is no binary of it; without, JavaScript functions get a process each.
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
# Before the sources, so that a change of those does not fetch the packages again.
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build
# From here on only what runs: no compiler, linter or test runner.
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:22-bookworm-slim
# Cells run /usr/bin/python3 and see only the system's modules, so numpy and sympy have to be Debian's as well. For programs
# in other languages add their compilers to the list: assay doctor names the packages.
# tini, because the kernel hands what is left of an ended cell to process 1, and Node would not reap it.
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends bubblewrap \
  python3 python3-numpy python3-pylatexenc python3-sympy tini \
  && rm -rf /var/lib/apt/lists/*
# Under /opt, which cells do not see; they see all of /usr.
WORKDIR /opt/assay
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE ./
COPY sandboxes ./sandboxes
COPY page ./page
COPY fixtures ./fixtures
RUN chmod +x dist/cli/main.js && ln -s /opt/assay/dist/cli/main.js /usr/local/bin/assay
# For problems and samples from outside, and for results.
WORKDIR /data
RUN chown node:node /data
# Nothing here needs root, and who gets out of a jail should not find it.
USER node
ENTRYPOINT ["tini", "-s", "--", "assay"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080", "--token-file", "/run/secrets/assay/tokens"]
EXPOSE 8080
# Red while it starts and while it is being stopped. Of no meaning for other verbs.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
