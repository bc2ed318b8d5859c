# For plugin managers of zsh, which load a directory by this name: oh-my-zsh, zinit, antidote.
source "${${(%):-%x}:A:h}/awsmfa.zsh"
