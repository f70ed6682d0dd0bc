"""How every form looks: ``{{ form }}`` renders the console's fields."""

from django.forms.renderers import TemplatesSetting


class ConsoleRenderer(TemplatesSetting):
    """Django's renderer with the console's templates for forms and fields."""

    form_template_name = "console/form.html"
    field_template_name = "console/field.html"
