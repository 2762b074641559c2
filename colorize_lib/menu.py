"""Menu: which trained networks readers are offered, and what they are told of each (shown in chapter 26)."""

from colorize_lib.settings import MODEL

# What the color Turing test and the table of chapter 26 offer, in their order: recipe, and what readers are told.
OFFERED = {
    MODEL: "pretrained, decibels: trained further from pretrained for a high PSNR; a little paler",
    "pretrained": "pretrained: begun with a network that names what photographs show",
    "pretrained_averaged": "pretrained, averaged: trained further on enlarged photographs, its weights averaged",
    "ours": "ours: the course's U-Net",
    "ours_vivid": "ours, vivid: the same with its chroma raised",
    "ours_l2": "ours, L2: the same trained further with the squared error",
    "classification": "classification: a color by the odds of each, rare colors weighing more",
    "fusion": "fusion: told by a classifier what the photograph shows",
    "pix2pix": "pix2pix: learned against a critic that judges patches",
    "pix2pix_longer": "pix2pix, longer: the same for four times as many steps",
    "dcgan": "DCGAN: learned against a critic that judges painted lightness, too",
    "chromagan": "ChromaGAN: learned to name what photographs show, and against a critic",
    "cyclegan": "CycleGAN: learned without pairs, from gray and color photographs of different places",
    "paper": "the paper's network",
}

# What the command and the page that colors a reader's photograph offer, in their order, the first unless another is
# asked for: recipe, and what readers are told. `paper` is not among them: a reader would wait for 16 MB.
ON_THE_PAGE = {
    MODEL: "Named by the rule of chapter 26 for photographs to look at; a little paler than pretrained.",
    "pretrained": "Begun with a network that names what photographs show; less pale than pretrained_decibels.",
    "pretrained_averaged": "Of these, nearest to the true colors of test photographs on average; as pale as the first.",
    "ours": "The course's own network, trained from the beginning on landscapes.",
    "pretrained_vivid": "The colors of pretrained with more chroma, so that they are as vivid as photographs are.",
    "classification": "Gives the odds of each color, rare colors weighing more, and takes their sharpened mean.",
    "fusion": "Told by a network that names what photographs show, which is a part of it and makes it larger: 7 MB.",
    "pix2pix": "Learned to deceive a critic, a network that tells painted colors from true ones patch by patch.",
    "pix2pix_longer": "pix2pix for four times as many steps: stronger colors, farther from the true ones.",
    "dcgan": "Learned against a critic, too, which also judged the lightness that this network painted then.",
    "chromagan": "Learned to name what a photograph shows while it learned to color, and against a critic of patches.",
    "cyclegan": "Learned without pairs at 64 pixels a side, from gray and from color photographs of different places.",
}
