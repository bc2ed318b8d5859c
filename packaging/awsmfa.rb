# Homebrew formula. `node packaging/fill.js URL FILE` writes url and sha256 for a release.
class Awsmfa < Formula
  desc "Puts MFA-backed AWS sessions where shells, SDKs and tools look for them"
  homepage "https://example.invalid/awsmfa"
  url "https://example.invalid/awsmfa-0.0.0.tgz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "node"

  def install
    # The package has everything in it: nothing is downloaded or compiled.
    libexec.install Dir["*"]
    (bin/"awsmfa").write_env_script libexec/"dist/awsmfa.cjs", PATH: "#{Formula["node"].opt_bin}:$PATH"
    (bin/"aws-mfa").write_env_script libexec/"dist/aws-mfa.cjs", PATH: "#{Formula["node"].opt_bin}:$PATH"
    chmod 0755, [libexec/"dist/awsmfa.cjs", libexec/"dist/aws-mfa.cjs"]
    man1.install_symlink libexec/"dist/awsmfa.1"
  end

  def caveats
    <<~EOS
      Add the shell integration to your rc file:
        awsmfa init zsh >> ~/.zshrc
    EOS
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/awsmfa --version")
  end
end
