"""BPMN models as files and pictures: layout, XML with diagram interchange, SVG."""
