# Edge in a container: one native binary on a base without a shell.
#
#   docker build -t edge .
#   mkdir -p config/data && cp -r edge.yaml zones proxy-routes config/
#   docker run -d --name edge --network host -v ./config:/etc/edge:ro -v edge-data:/etc/edge/data edge
#
# The edge.yaml of this image listens on 127.0.0.1 alone; a port mapping reaches nothing until it is replaced. The folder
# is mounted rather than its files: editors replace files, and a mounted file stays the old one. Its data/ is where the
# volume goes.
#
# The network of the host lets Edge see who asks and which networks are the LAN; behind a port mapping every client
# looks like Docker's bridge, and the views cannot tell the house from the street.

FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
# What NativeAOT links with, and SQLite's static library, which becomes part of the binary.
RUN apt-get update \
 && apt-get install -y --no-install-recommends clang zlib1g-dev libsqlite3-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# The packages are restored from what changes seldom, so that a change in the code does not fetch them again.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/Edge/Edge.csproj src/Edge/
COPY src/Edge.Dns/Edge.Dns.csproj src/Edge.Dns/
COPY src/Edge.Acme/Edge.Acme.csproj src/Edge.Acme/
RUN dotnet restore src/Edge
COPY .editorconfig ./
COPY src src
RUN dotnet publish src/Edge -c Release -o /out/bin \
 && mkdir -p /out/etc/data
COPY edge.yaml /out/etc/
COPY zones /out/etc/zones
COPY proxy-routes /out/etc/proxy-routes

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
COPY --from=build /out/bin/edge /usr/bin/edge
# The user "app" of the base image; the volume is made with the owner of the folder it covers.
COPY --from=build --chown=1654:1654 /out/etc /etc/edge
USER 1654:1654
WORKDIR /etc/edge
# The framework keeps a few things of its own (the key of affinity cookies) in the home of its user.
ENV HOME=/etc/edge/data
VOLUME /etc/edge/data
# The ports of the edge.yaml inside; another edge.yaml may listen elsewhere. 53, 80 and 443 work without privileges
# on a network of Docker's own; with the network of the host they need --cap-add NET_BIND_SERVICE and --user 0, or
# net.ipv4.ip_unprivileged_port_start=53 on the host.
EXPOSE 5300/udp 5300/tcp 8080/tcp 8443/tcp
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["/usr/bin/edge", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/edge"]
CMD ["run"]
