"""Signing in and out, passwords, and the person's own preferences: Django's views, our words."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import TemplateView

from lists.parameters import own_address
from salespeople import calendar_address
from salespeople.account_forms import ProfileForm, SignInForm
from salespeople.models import User

PREFERENCES = {"language": ("en", "nb"), "theme": tuple(User.Theme.values)}


class Refusing:
    """Answers 422, with the same page, to a form that is refused."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show what is wrong."""
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        response.status_code = 422
        return response


class LoginView(Refusing, views.LoginView):
    """Sign in; django-axes counts the failures."""

    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class LogoutView(views.LogoutView):
    """Sign out, by POST."""

    next_page = "accounts:login"


class PasswordChangeView(Refusing, views.PasswordChangeView):
    """Choose another password while signed in."""

    template_name = "accounts/form.html"
    success_url = reverse_lazy("accounts:profile")
    extra_context = {"title": gettext_lazy("Change password")}

    def form_valid(self, form: Any) -> HttpResponse:
        """Say that it is done."""
        messages.success(self.request, _("The new password holds from now on."))
        return super().form_valid(form)


class PasswordResetView(Refusing, views.PasswordResetView):
    """Ask for a mail with a way to a new password."""

    template_name = "accounts/form_single.html"
    email_template_name = "accounts/reset_mail.txt"
    subject_template_name = "accounts/reset_subject.txt"
    success_url = reverse_lazy("accounts:password_reset_done")
    extra_context = {
        "title": gettext_lazy("A new password"),
        "label": gettext_lazy("Send the mail"),
        "text": gettext_lazy("Give your e-mail address. You get a mail with a link."),
    }


@method_decorator(login_not_required, name="dispatch")
class ResetSentView(TemplateView):
    """Say that the mail is on its way, whether the address is known or not."""

    template_name = "accounts/form_single.html"
    extra_context = {
        "title": gettext_lazy("The mail is on its way"),
        "text": gettext_lazy("If the address belongs to somebody here, the mail arrives soon."),
    }


class ResetConfirmView(Refusing, views.PasswordResetConfirmView):
    """Choose a new password by the link of the mail."""

    template_name = "accounts/form_single.html"
    success_url = reverse_lazy("accounts:login")
    extra_context = {"label": gettext_lazy("Save the password")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say so when the link has been used, or is too old."""
        context = super().get_context_data(**kwargs)
        if not self.validlink:
            context["text"] = _("The link has been used, or is too old. Ask for another mail.")
        return context


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Change one's own name, language, theme and time zone."""
    sent = request.POST if request.method == "POST" else None
    form = ProfileForm(sent, instance=User.objects.get(username=request.user.get_username()))
    if form.is_valid():
        form.instance.save(update_fields=list(form.fields))  # not the password, nor the calendar
        messages.success(request, _("Your profile has been saved."))
        return redirect("accounts:profile")
    context = {"form": form, "title": _("Profile"), "feed_url": _feed_url(request)}
    return render(request, "accounts/profile.html", context, status=422 if form.errors else 200)


@require_POST
def calendar(request: HttpRequest) -> HttpResponse:
    """Make the address of one's calendar feed, make another one, or let it lead nowhere."""
    user = User.objects.get(username=request.user.get_username())
    act = request.POST.get("act", "")
    if act == "renew":
        calendar_address.renew(user)
        messages.success(request, _("Your calendar has a new address."))
    elif act == "revoke":
        calendar_address.revoke(user)
        messages.success(request, _("The address of your calendar leads nowhere now."))
    else:
        raise BadRequest(_("An address is renewed or revoked."))
    return redirect(f"{reverse('accounts:profile')}#calendar-feed")


def _feed_url(request: HttpRequest) -> str:
    """Return the whole address of the person's calendar feed; "" where there is none."""
    token = calendar_address.token_of(User.objects.get(username=request.user.get_username()))
    return request.build_absolute_uri(reverse("tasks:feed", args=[token])) if token else ""


@require_POST
def preference(request: HttpRequest) -> HttpResponse:
    """Set language or theme with one click, and go back to the page."""
    wishes = {name: request.POST[name] for name in PREFERENCES if name in request.POST}
    if not wishes or any(value not in PREFERENCES[name] for name, value in wishes.items()):
        raise BadRequest(_("There is no such preference."))
    User.objects.filter(username=request.user.get_username()).update(**wishes)
    return HttpResponseRedirect(own_address(request) or "/")
