"""Questions about an opportunity: asked by a manager, answered by its salesperson."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from crm.forms import DoorForm
from lists.parameters import check_parameters, integer, own_address
from opportunities import asking
from opportunities.beside import MOST_TEXT
from opportunities.models import Opportunity, Question
from opportunities.views.acting import found, person

both = require_http_methods(["GET", "POST"])


def _text(label: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3, "maxlength": MOST_TEXT})
    return forms.CharField(label=label, widget=widget, max_length=MOST_TEXT)


class AskForm(DoorForm):
    """What one wants to know."""

    text = _text(gettext_lazy("Question"))


class AnswerForm(DoorForm):
    """What there is to say."""

    answer = _text(gettext_lazy("Answer"))


@both
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the salesperson about an opportunity."""
    check_parameters(request.GET, ["next"])
    opportunity = found(request, pk)
    asking.check_may_ask(person(request))
    form = AskForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            question = asking.ask(opportunity, by=person(request), **form.cleaned_data)
        except ValidationError as error:
            form.add_refusal(error)
        else:
            text = _("%(name)s is asked about “%(what)s”.")
            words = {"name": opportunity.salesperson, "what": opportunity}
            undo = f"undo:opportunities:unask:{opportunity.pk}:question={question.pk}"
            messages.success(request, text % words, extra_tags=undo)
            return _on(request, opportunity)
    return _page(request, "opportunities/ask.html", opportunity, form)


@both
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a question about an opportunity."""
    check_parameters(request.GET, ["next", "question"])
    opportunity = found(request, pk)
    question = _question(opportunity, integer(request.GET, "question"))
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            asking.answer(question, by=person(request), text=form.cleaned_data["answer"])
        except ValidationError as error:
            form.add_refusal(error)
        else:
            text = _("%(name)s is told the answer.") % {"name": question.asked_by}
            messages.success(request, text)
            return _on(request, opportunity)
    return _page(request, "opportunities/answer.html", opportunity, form, question=question)


@require_POST
def unask(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a question back that nobody has answered."""
    check_parameters(request.GET, [])
    opportunity = found(request, pk)
    number = integer(request.POST, "question")
    question = opportunity.questions.filter(pk=number or 0).first()
    if question is not None:
        try:
            asking.take_back(question, by=person(request))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return _on(request, opportunity)
    messages.success(request, _("The question has been taken back."))
    return _on(request, opportunity)


def _question(opportunity: Opportunity, pk: int | None) -> Question:
    rows = opportunity.questions.select_related("asked_by", "answered_by", "opportunity")
    if pk is None:
        raise Http404
    question: Question = get_object_or_404(rows, pk=pk)
    return question


def _page(
    request: HttpRequest, template: str, opportunity: Opportunity, form: DoorForm, **more: Any
) -> HttpResponse:
    context = {"opportunity": opportunity, "form": form, "next": own_address(request), **more}
    return render(request, template, context, status=422 if form.is_bound else 200)


def _on(request: HttpRequest, opportunity: Opportunity) -> HttpResponseRedirect:
    return HttpResponseRedirect(own_address(request) or opportunity.get_absolute_url())
