# Nix flake. `node packaging/fill.js URL FILE` writes version, url and hash for a release.
{
  description = "Puts MFA-backed AWS sessions where shells, SDKs and tools look for them";

  inputs.nixpkgs.url = "nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: {
        default = pkgs.stdenv.mkDerivation {
          pname = "awsmfa";
          version = "0.0.0";
          src = pkgs.fetchurl {
            url = "https://example.invalid/awsmfa-0.0.0.tgz";
            hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
          };
          nativeBuildInputs = [ pkgs.makeWrapper pkgs.installShellFiles ];
          dontBuild = true;
          installPhase = ''
            mkdir -p $out/lib/awsmfa
            cp -r . $out/lib/awsmfa
            for program in awsmfa aws-mfa; do
              makeWrapper ${pkgs.nodejs}/bin/node $out/bin/$program --add-flags $out/lib/awsmfa/dist/$program.cjs
            done
            installManPage dist/awsmfa.1
          '';
          meta.license = pkgs.lib.licenses.mit;
          meta.mainProgram = "awsmfa";
        };
      });
    };
}
