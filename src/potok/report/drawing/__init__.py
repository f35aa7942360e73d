"""Pictures written as SVG by ourselves: process maps and charts."""
